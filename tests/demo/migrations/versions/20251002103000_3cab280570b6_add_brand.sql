-- Add brand_id to products
-- revision: 3cab280570b6
-- revises: 6efc3153bd83
-- created: 2025-10-02 10:30:00
-- migrate:up
ALTER TABLE products ADD COLUMN brand_id INTEGER REFERENCES brands(id);
CREATE INDEX ix_products_brand_id ON products(brand_id);
UPDATE products SET brand_id = 1 + id % 3;
-- migrate:down
DROP INDEX ix_products_brand_id;
ALTER TABLE products DROP COLUMN brand_id;
