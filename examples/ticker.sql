-- ticker.sql - a fall and a rise of a price, and the volume of each minute.
--   cep import sql examples/ticker.sql > examples/ticker.cep
CREATE TABLE Trade (
    symbol  VARCHAR   NOT NULL,
    price   DOUBLE    NOT NULL,
    volume  INT       NOT NULL,
    ts      TIMESTAMP(3),
    WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH ('connector' = 'filesystem', 'path' = 'trades.ndjson', 'format' = 'json');

CREATE VIEW v_shape AS
SELECT * FROM Trade MATCH_RECOGNIZE (
    PARTITION BY symbol
    ORDER BY ts
    MEASURES top.price        AS from_price,
             LAST(fall.price) AS bottom,
             LAST(rise.price) AS to_price,
             COUNT(fall.*)    AS falls
    ONE ROW PER MATCH
    AFTER MATCH SKIP TO LAST rise
    PATTERN (top fall{2,} rise{2,})
    WITHIN INTERVAL '30' MINUTE
    DEFINE fall AS price < PREV(price),
           rise AS price > PREV(price)
);

CREATE VIEW volume_by_minute AS
SELECT symbol, SUM(volume) AS volume, MAX(price) - MIN(price) AS spread
FROM Trade
WHERE price > 0
GROUP BY symbol, TUMBLE(ts, INTERVAL '1' MINUTE)
HAVING COUNT(*) >= 3;
