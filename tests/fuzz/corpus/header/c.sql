/* m */
-- revision:a
/* x */ -- migrate:up
SELECT 1