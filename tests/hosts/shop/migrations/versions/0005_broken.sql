-- What fails
-- revision: broken
-- revises: names
-- migrate:up
CREATE TABLE never(id);
INSERT INTO brands(name, colour) VALUES ('x', 'red');
-- migrate:down
DROP TABLE never;
