CREATE TABLE Ticker (
  symbol VARCHAR NOT NULL, price INT NOT NULL, tax INT, ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
);
SELECT * FROM Ticker MATCH_RECOGNIZE (ORDER BY ts PATTERN ((A B){2} (C | D E?)? PERMUTE(F, G)) 
  DEFINE A AS price = 1, B AS price = 2, C AS price = 3, D AS price = 4, E AS price IN (5, 6), F AS price > 10, G AS price BETWEEN 7 AND 8);
SELECT * FROM Ticker MATCH_RECOGNIZE (ORDER BY ts PATTERN (A (B C)* D) DEFINE B AS price < 3, C AS price < 2, D AS price < 1)
