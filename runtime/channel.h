/*
 * channel.h - messages from one worker to another, or to the collector: blocks of bytes in a ring.
 *
 *   sender: message -> block being filled --full, or flushed--> ring --> receiver
 *                          ^------------------------------------ back <--/ (empty again)
 *
 * Contract
 *   A message is its kind, the number of a stage, and what belongs to the kind; messages come out in the order in which
 *   they were put in. At most RT_CHANNEL_BLOCKS blocks exist, all made by rt_channel_init; one grows
 *   when a message does not fit. The sender adds messages to the open block without end and must not go on with
 *   new work while rt_channel_flush gives 0: then it holds what one piece of work gave, and no more.
 *   Sender and receiver may be two threads; each side has one owner.
 */
#ifndef RT_CHANNEL_H
#define RT_CHANNEL_H

#include "cep/base/bytes.h"
#include "runtime/ring.h"

#define RT_CHANNEL_BLOCKS 8u /* a power of two */

typedef enum rt_message {
  RT_MESSAGE_DERIVED, /* an event of a detection, for a stage */
  RT_MESSAGE_ALERT,   /* an alert, to suppression; to the collector: one that comes out */
  RT_MESSAGE_DONE,    /* the stage has given all before a time: i64; CEP_TIME_MAX is the end */
  RT_MESSAGE_LOW,     /* to the collector: nothing comes before a place (rt_place) */
  RT_MESSAGE_BARRIER, /* the stage has saved its state: u64, number of the barrier */
  RT_MESSAGE_COUNT
} rt_message;

typedef struct rt_channel {
  cb_alloc *alloc;       /* the sender's */
  rt_ring forward;
  rt_ring back;
  cb_writer blocks[RT_CHANNEL_BLOCKS];
  cb_writer *open;       /* being filled; NULL: none is free, or none is needed yet */
  cb_writer *reading;    /* being read */
  cb_reader reader;
} rt_channel;

/* `small`: tests: rings with one place. */
cep_status rt_channel_init(rt_channel *channel, cb_alloc *alloc, int small) CB_MUST_USE;
void rt_channel_fini(rt_channel *channel);

/* ---- The sender ------------------------------------------------------------------------- */

/* The writer for the rest of one message. NULL: no block is free; flush first. */
cb_writer *rt_channel_begin(rt_channel *channel, rt_message kind, uint32_t stage);
/* Sends what is in the open block. 1: nothing is left to send, and a block is free. 0: later; CEP_E_NOMEM: negative. */
int rt_channel_flush(rt_channel *channel);

/* ---- The receiver ----------------------------------------------------------------------- */

/* The reader, at the body of the next message. NULL: none is there. The body must be read to its end. */
cb_reader *rt_channel_next(rt_channel *channel, rt_message *kind, uint32_t *stage);
/* The reader will not ask for a while: a block that was read to its end goes back. */
void rt_channel_pause(rt_channel *channel);

#endif
