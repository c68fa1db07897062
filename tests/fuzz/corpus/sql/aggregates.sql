CREATE TABLE Ticker (
  symbol VARCHAR NOT NULL, price INT NOT NULL, tax INT, ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
);
INSERT INTO cheap SELECT * FROM Ticker MATCH_RECOGNIZE (
  PARTITION BY symbol ORDER BY ts
  MEASURES SUM(A.price) AS s, AVG(A.price) AS a, SUM(A.tax) AS t, MIN(A.tax) AS least, COUNT(A.tax) AS n, COUNT(A.*) AS rows_, B.price AS p
  PATTERN (A+ B)
  DEFINE A AS SUM(A.price) < 100 AND AVG(A.price) < 20 AND MAX(A.tax) < 5, B AS SUM(A.price) >= 10
)
