CREATE TABLE Ticker (
  symbol VARCHAR NOT NULL, price INT NOT NULL, tax INT, ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
);
CREATE VIEW busy AS
SELECT symbol, TUMBLE_START(ts, INTERVAL '1' MINUTE) AS s, COUNT(*) AS n, COUNT(DISTINCT tax) AS taxes, SUM(price) / COUNT(*) AS mean, AVG(price) AS m, SUM(tax) AS t
FROM Ticker WHERE price > 0 AND symbol LIKE 'A\_%' GROUP BY symbol, TUMBLE(ts, INTERVAL '90' SECOND) HAVING COUNT(*) > 5 AND MAX(price) > 3;
SELECT window_start, window_end, SUM(price) AS total FROM TABLE(TUMBLE(TABLE Ticker, DESCRIPTOR(ts), INTERVAL '10' MINUTES, INTERVAL '1' MINUTE)) GROUP BY window_start, window_end
