-- The shop before its first revision: two tables and some thousand rows.
CREATE TABLE users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  email TEXT NOT NULL UNIQUE COLLATE NOCASE,
  name TEXT NOT NULL,
  note TEXT                 -- support wrote here: 'failed logins: 7'
);
CREATE TABLE products (
  id INTEGER PRIMARY KEY,
  sku TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
  seller_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX ix_products_seller_id ON products(seller_id);
CREATE VIEW expensive AS SELECT sku, title FROM products WHERE price_cents > 90000;

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
INSERT INTO users(email, name, note)
  SELECT 'user' || i || '@example.com', 'User ' || i,
         CASE WHEN i % 10 = 0 THEN 'failed logins: ' || (i % 9) END FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
INSERT INTO products(sku, title, price_cents, seller_id)
  SELECT printf('SKU-%05d', i), 'Product ' || i, i * 37 % 100000, 1 + i % 2000 FROM n;
