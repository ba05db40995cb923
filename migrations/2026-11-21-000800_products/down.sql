DROP FUNCTION search_product_skus(text, integer);
DROP TABLE product_skus;
DROP TABLE product_variants;
DROP TABLE products;
