-- Brands
-- revision: brands
-- migrate:up
CREATE TABLE brands(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
ALTER TABLE posts ADD COLUMN brand_id INTEGER REFERENCES brands(id);
-- migrate:down
ALTER TABLE posts DROP COLUMN brand_id;
DROP TABLE brands;
