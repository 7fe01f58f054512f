-- tests/hosts/shop/base.sql - the database that every host upgrades.
CREATE TABLE users(
  id INTEGER PRIMARY KEY,
  email TEXT UNIQUE,
  name TEXT, -- first and last
  age TEXT
);
CREATE TABLE posts(
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  title TEXT
);
CREATE TABLE gone(email TEXT);
CREATE INDEX posts_user ON posts(user_id);
CREATE VIEW adults AS SELECT email, age FROM users WHERE age >= '18';
CREATE TRIGGER users_gone AFTER DELETE ON users
BEGIN
  INSERT INTO gone VALUES (old.email);
END;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
INSERT INTO users SELECT i, 'u' || i || '@example.com', 'Ada Nr' || i,
  10 + i % 80 FROM n;
INSERT INTO posts SELECT id, id, 'post ' || id FROM users;
