ALTER TABLE recipes DROP CONSTRAINT recipes_import_fkey;
ALTER TABLE inventory_actions DROP CONSTRAINT inventory_actions_import_fkey;
DROP TABLE imports;
