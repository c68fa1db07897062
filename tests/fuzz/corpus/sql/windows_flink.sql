CREATE TABLE `my orders` (
  `user` STRING, amount DECIMAL(10, 2), n INT NOT NULL, epoch BIGINT NOT NULL,
  ts AS TO_TIMESTAMP_LTZ(epoch, 3),
  WATERMARK FOR ts AS ts
) WITH ('connector' = 'kafka', 'topic' = 'orders', 'properties.group.id' = 'x', 'format' = 'csv', 'csv.field-delimiter' = ';');
SELECT `user`, AVG(n) AS a, STDDEV_SAMP(amount) AS d FROM `my orders` GROUP BY `user`, TUMBLE(ts, INTERVAL '1' DAY)
