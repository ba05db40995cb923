DROP FUNCTION rotate_daily_table(text, integer, integer);
DROP TABLE daily_tables;
DROP SCHEMA partitions;
