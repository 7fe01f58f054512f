-- tests/hosts/state.sql - what every host sees of the shop's rows.
SELECT (SELECT count(*) FROM posts JOIN users ON users.id = user_id) ||
  ' posts, ' || (SELECT count(*) FROM adults) || ' adults, ' || name ||
  ' is ' || typeof(age) || ': ' ||
  (SELECT group_concat(name) FROM pragma_table_info('users'))
FROM users WHERE id = 1
