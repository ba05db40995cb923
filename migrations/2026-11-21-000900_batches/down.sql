ALTER TABLE inventory_lots DROP CONSTRAINT inventory_lots_batch_fkey;
ALTER TABLE inventory_actions DROP CONSTRAINT inventory_actions_batch_fkey;
DROP TABLE batch_label_counters;
DROP TABLE batch_outputs;
DROP TABLE batch_lines;
DROP TABLE batches;
