DROP TABLE recipe_lines;
DROP TABLE recipes;
DROP TABLE recipe_groups;
