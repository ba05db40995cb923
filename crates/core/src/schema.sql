-- Writes schema.rs from a migrated database; a test holds the two together (`make schema`).
WITH columns AS (
    SELECT c.relname AS table_name,
           string_agg(
               format('        %s -> %s,',
                   CASE WHEN a.attname = 'type' THEN E'#[sql_name = "type"]\n        type_' ELSE a.attname END,
                   CASE WHEN a.attnotnull THEN t.name ELSE format('Nullable<%s>', t.name) END),
               E'\n' ORDER BY a.attnum) AS body,
           (SELECT string_agg(k.attname, ', ' ORDER BY o.n)
              FROM pg_index i
              CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS o (attnum, n)
              JOIN pg_attribute k ON k.attrelid = i.indrelid AND k.attnum = o.attnum
             WHERE i.indrelid = c.oid AND i.indisprimary) AS key
      FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      CROSS JOIN LATERAL (
          SELECT CASE format_type(a.atttypid, NULL)
              WHEN 'bigint' THEN 'Int8' WHEN 'integer' THEN 'Int4' WHEN 'smallint' THEN 'Int2'
              WHEN 'text' THEN 'Text' WHEN 'boolean' THEN 'Bool' WHEN 'bytea' THEN 'Bytea'
              WHEN 'jsonb' THEN 'Jsonb' WHEN 'timestamp with time zone' THEN 'Timestamptz'
              WHEN 'date' THEN 'Date' WHEN 'numeric' THEN 'Numeric' WHEN 'bigint[]' THEN 'Array<Int8>' WHEN 'text[]' THEN 'Array<Text>'
              WHEN 'timestamp with time zone[]' THEN 'Array<Timestamptz>'
              ELSE format_type(a.atttypid, NULL) END AS name) t
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
       AND NOT c.relispartition AND c.relname <> '__diesel_schema_migrations'
     GROUP BY c.oid, c.relname
)
SELECT E'// Written by `make schema` from the migrations.\n\n'
    || string_agg(format(E'diesel::table! {\n    %s (%s) {\n%s\n    }\n}\n', table_name, key, body), E'\n' ORDER BY table_name)
    || format(E'\ndiesel::allow_tables_to_appear_in_same_query!(\n    %s,\n);\n', string_agg(table_name, E',\n    ' ORDER BY table_name)) AS source
  FROM columns;
