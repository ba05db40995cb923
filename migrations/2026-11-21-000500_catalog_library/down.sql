DROP TABLE global_items;
DROP TABLE product_categories;
DROP TABLE ingredient_categories;
