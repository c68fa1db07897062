/* record_feed.c - wild records into an engine, each of them accounted for. */
#include "tests/support/record_feed.h"

#include <stdio.h>
#include <string.h>

static const char rules[] =
    "input Web from stdin format json { time ts s lateness 1m  user: string?  status: int  took: duration? "
    "}\n"
    "stream Ok from Web where status < 400 { size: int = 0  from_: ip? at \"source.ip\" }\n"
    "stream Bad from Web where status >= 400 { path: string  why: float?  again: bool? }\n"
    "input Ssh from stdin format line { time \"%b %d %H:%M:%S\" lateness 10s }\n"
    "stream Failed from Ssh r\"Failed (?<how>\\w+) for (?<user>\\S*) from (?<ip>\\S+) port (?<port>\\d+)\" "
    "{ how: string  user: string  ip: ip  port: int }\n"
    "stream Opened from Ssh r\"session opened for user (?<user>\\w+)\" { user: string }\n"
    "input Rows from stdin format csv (columns \"ts,user,n,ip,note\" delimiter \",\") { time ts s lateness 1m  user: string  "
    "}\n"
    "stream Row from Rows where user != \"root\" { n: int = 3  ip: ip?  note: string? }\n"
    "input Table from stdin format csv { time ts s lateness 1m  user: string = \"?\" }\n"
    "stream Line from Table where user ends with \"n\" { n: int?  ip: ip?  note: string? }\n"
    "detect lines by user within 1m { match 2 Line as l where n > 2 emit { note: last(l).note } }\n"
    "input Pairs from stdin format logfmt { time ts lateness 1m  user: string?  cached: bool? }\n"
    "stream Pair from Pairs where cached is null { took: duration?  n: int at \"http.size\" }\n"
    "detect rows by user = Row.user = Pair.user within 1m {\n"
    "  match 1+ Row as r where n > 2 and (ip is null or not (ip in cidr \"10.0.0.0/8\"))\n"
    "  then Pair as p where n > 0 and took > 1ms\n"
    "  limit 100 matches\n"
    "  emit { n: count(r), note: last(r).note }\n"
    "}\n"
    "detect burst by user within 1m {\n"
    "  match 3 Bad as bad where path starts with \"/\" and (why > 0.5 or again)\n"
    "  then Ok as ok where from_ in cidr \"10.0.0.0/8\" and size > 0 and took is not null\n"
    "  emit { n: count(bad), size: ok.size }\n"
    "}\n"
    "detect guess by user = Failed.user = Opened.user within 5m {\n"
    "  match 2+ any Failed as f where port > 1000 and not (ip in cidr \"192.168.0.0/16\") and how == "
    "\"password\"\n"
    "  then Opened as o\n"
    "  limit 100 matches\n"
    "  emit { n: count(f) }\n"
    "}\n";

static int on_match(void *ctx, const cep_match *match)
{
  (void)match;
  ((record_feed *)ctx)->matches++;
  return 0;
}

static void on_dead(void *ctx, const cep_refused *refused)
{
  (void)refused;
  ((record_feed *)ctx)->dead++;
}

static void on_late(void *ctx, const cep_refused *refused)
{
  (void)refused;
  ((record_feed *)ctx)->late++;
}

int feed_restart(record_feed *feed)
{
  cep_error err = {0};
  cep_engine_free(feed->engine);
  feed->engine = NULL;
  feed->fed = feed->dead = feed->late = feed->matches = 0;
  if (cep_engine_new(feed->config, feed->program, on_match, feed, &feed->engine, &err) == CEP_OK &&
      cep_engine_input(feed->engine, "Web", 0, &feed->json, &err) == CEP_OK &&
      cep_engine_input(feed->engine, "Ssh", 0, &feed->lines, &err) == CEP_OK &&
      cep_engine_input(feed->engine, "Rows", 0, &feed->rows, &err) == CEP_OK &&
      cep_engine_input(feed->engine, "Table", 0, &feed->table, &err) == CEP_OK &&
      cep_engine_input(feed->engine, "Pairs", 0, &feed->pairs, &err) == CEP_OK)
    return 1;
  fprintf(stderr, "%s\n", err.text);
  return 0;
}

int feed_open(record_feed *feed, const char *batch)
{
  cep_error err = {0};
  memset(feed, 0, sizeof *feed);
  int ok = cep_config_new(NULL, &feed->config) == CEP_OK;
  if (ok) {
    cep_config_set_dead_letter(feed->config, on_dead, feed);
    cep_config_set_late(feed->config, on_late, feed);
    ok = cep_config_set(feed->config, "batch.events", batch, &err) == CEP_OK &&
         cep_config_set(feed->config, "record.max", "4KiB", &err) == CEP_OK &&
         cep_config_set(feed->config, "json.depth", "16", &err) == CEP_OK &&
         cep_program_compile(feed->config, "feed.cep", rules, sizeof rules - 1, &feed->program, &err) ==
             CEP_OK;
  }
  if (!ok) fprintf(stderr, "%u:%u: %s\n", err.line, err.column, err.text);
  return ok && feed_restart(feed);
}

void feed_close(record_feed *feed)
{
  cep_engine_free(feed->engine);
  cep_program_free(feed->program);
  cep_config_free(feed->config);
}

cep_status feed_record(record_feed *feed, const char *record, size_t len)
{
  char first = len > 0 ? record[0] : 0;
  cep_input *input = first == '{' || first == '\t' ? feed->json
                     : first == ','              ? feed->rows
                     : first == '='              ? feed->pairs
                                                 : feed->lines;
  if (first == '\t' || first == ',' || first == '=') {
    record++;
    len--;
  }
  cep_status status = cep_input_record(input, record, len, CEP_POSITION_NEXT, NULL);
  if (status >= 0) feed->fed++;
  return status;
}

cep_status feed_row(record_feed *feed, const char *record, size_t len)
{
  cep_status status = cep_input_record(feed->table, record, len, CEP_POSITION_NEXT, NULL);
  if (status >= 0) feed->fed++;
  return status;
}

int feed_account(record_feed *feed)
{
  static const cep_stat ends[] = {CEP_STAT_RECORDS_DEAD, CEP_STAT_RECORDS_LATE, CEP_STAT_RECORDS_FILTERED,
                                  CEP_STAT_RECORDS_UNKEYED, CEP_STAT_RECORDS_USED};
  uint64_t sum = 0;
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    sum += cep_engine_stat(feed->engine, ends[i], CEP_NONE);
  return sum == feed->fed && cep_engine_stat(feed->engine, CEP_STAT_RECORDS_READ, CEP_NONE) == feed->fed &&
         cep_engine_stat(feed->engine, CEP_STAT_RECORDS_DEAD, CEP_NONE) == feed->dead &&
         cep_engine_stat(feed->engine, CEP_STAT_RECORDS_LATE, CEP_NONE) == feed->late;
}
