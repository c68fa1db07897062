CREATE TABLE Ticker (
  symbol VARCHAR NOT NULL, price INT NOT NULL, tax INT, ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
);
SELECT T.aid, T.b AS other FROM Ticker MATCH_RECOGNIZE (
  PARTITION BY symbol ORDER BY ts
  MEASURES FIRST(DOWN.price) AS aid, LAST(DOWN.price, 1) AS b, AVG(DOWN.price) AS unused
  PATTERN (STRT DOWN+ UP)
  WITHIN INTERVAL '1' HOUR
  DEFINE DOWN AS (LAST(DOWN.price, 1) IS NULL AND DOWN.price < STRT.price) OR DOWN.price < LAST(DOWN.price, 1),
         UP AS UP.price > LAST(DOWN.price)
) AS T
