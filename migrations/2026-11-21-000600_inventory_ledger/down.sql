DROP FUNCTION search_inventory_items(text, text, integer);
DROP TABLE inventory_movements;
DROP FUNCTION refuse_change();
DROP TABLE inventory_lots;
DROP TABLE inventory_actions;
DROP TABLE inventory_items;
