-- Making the directory and the files of new revisions.

--- the directory, with what belongs in it [file]
SELECT migrate_init();
--> 'migrations'
SELECT readfile('migrations/env.lua') IS NOT NULL, readfile('migrations/revision.lua.tmpl') IS NOT NULL;
--> 1|1
SELECT * FROM migrate_history;
SELECT * FROM migrate_heads;
SELECT migrate_upgrade();
--> 0

--- another directory becomes this connection's [file]
SELECT migrate_init('db/schema/history');
--> 'db/schema/history'
SELECT migrate_config('directory');
--> 'db/schema/history'
SELECT readfile('db/schema/history/env.lua') IS NOT NULL;
--> 1
SELECT migrate_revision('First') GLOB 'db/schema/history/versions/[0-9]*_first.lua';
--> 1
SELECT count(*) FROM migrate_history;
--> 1

--- the setting says where, when nothing is given [file]
SELECT migrate_config('directory', 'here');
--> 'here'
SELECT migrate_init();
--> 'here'
SELECT migrate_init(NULL);
--> 'here'

--- what exists is kept [file]
SELECT writefile('migrations/env.lua', '-- mine') > 0;
--> 1
SELECT migrate_init();
--> 'migrations'
SELECT CAST(readfile('migrations/env.lua') AS TEXT);
--> '-- mine'
SELECT readfile('migrations/revision.lua.tmpl') IS NOT NULL;
--> 1
SELECT writefile('migrations/revision.lua.tmpl', 'changed') > 0;
--> 1
SELECT migrate_init();
--> 'migrations'
SELECT CAST(readfile('migrations/revision.lua.tmpl') AS TEXT);
--> 'changed'

--- a file stands where the directory should be [file]
SELECT writefile('migrations', 'a file') > 0;
--> 1
SELECT migrate_init();
--! migrations
SELECT migrate_upgrade();
--! migrations
SELECT CAST(readfile('migrations') AS TEXT);
--> 'a file'

--- a name that is none [file]
SELECT migrate_init('');
--! the directory has no name
SELECT migrate_init(5);
--! argument 1 (directory) must be text, not an integer

--- no directory: how to make it [file]
SELECT migrate_upgrade();
--! migrations: no such directory; make it with SELECT migrate_init()
SELECT migrate_revision('First');
--! migrate_init()
SELECT migrate_config('directory', 'elsewhere');
--> 'elsewhere'
SELECT migrate_upgrade();
--! elsewhere: no such directory
SELECT migrate_stamp();
--! elsewhere: no such directory
SELECT migrate_downgrade();
--! elsewhere: no such directory
SELECT count(*) FROM sqlite_schema;
--> 0

--- a new revision runs as it is [file]
CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO users VALUES(1, 'Ann');
SELECT migrate_init();
--> 'migrations'
SELECT migrate_revision('Add brands, 2nd try') GLOB 'migrations/versions/20[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]_????????????_add_brands_2nd_try.lua';
--> 1
SELECT length(revision), revision GLOB '*[^0-9a-f]*', down_revision, message, is_head, created = datetime(created), status FROM migrate_history;
--> 12|0|NULL|'Add brands, 2nd try'|1|1|'pending'
SELECT migrate_upgrade();
--> 1
SELECT migrate_downgrade();
--> 1
SELECT * FROM users;
--> 1|'Ann'

--- it stands on the current head [file]
SELECT migrate_init();
--> 'migrations'
SELECT migrate_revision('First', '{"rev_id": "aaaa00000001"}') GLOB '*_aaaa00000001_first.lua';
--> 1
SELECT migrate_revision('Second', '{"rev_id": "bbbb00000002"}') GLOB '*_bbbb00000002_second.lua';
--> 1
SELECT migrate_revision('Third', '{"rev_id": "cccc00000003", "format": "sql"}') GLOB '*_cccc00000003_third.sql';
--> 1
SELECT revision, down_revision, message FROM migrate_history;
--> 'cccc00000003'|'bbbb00000002'|'Third'
--> 'bbbb00000002'|'aaaa00000001'|'Second'
--> 'aaaa00000001'|NULL|'First'
SELECT migrate_upgrade();
--> 3
SELECT migrate_downgrade('base');
--> 3

--- on the head that is said, when there are several [file]
SELECT migrate_init();
--> 'migrations'
SELECT migrate_revision('First', '{"rev_id": "aaaa00000001"}') IS NOT NULL;
--> 1
SELECT migrate_register('-- revision: bbbb00000002
-- revises: aaaa00000001
-- migrate:up
', 'b.sql'), migrate_register('-- revision: cccc00000003
-- revises: aaaa00000001
-- migrate:up
', 'c.sql');
--> 'bbbb00000002'|'cccc00000003'
SELECT migrate_revision('Third');
--! there are several heads: bbbb00000002 and cccc00000003
SELECT migrate_revision('Third', '{"head": "cccc", "rev_id": "dddd00000004"}') IS NOT NULL;
--> 1
SELECT down_revision FROM migrate_history WHERE revision = 'dddd00000004';
--> 'cccc00000003'
SELECT migrate_revision('Another base', '{"head": "base", "rev_id": "eeee00000005"}') IS NOT NULL;
--> 1
SELECT is_base, down_revision FROM migrate_history WHERE revision = 'eeee00000005';
--> 1|NULL

--- what it cannot make leaves no file [file]
SELECT migrate_init();
--> 'migrations'
SELECT migrate_revision('');
--! message
SELECT migrate_revision('   ');
--! message
SELECT migrate_revision(NULL);
--! argument 1 (message) is NULL
SELECT migrate_revision('x', 'head');
--! options are a JSON object
SELECT migrate_revision('x', '[]');
--! options are a JSON object
SELECT migrate_revision('x', '{"haed": "a"}');
--! no option named haed
SELECT migrate_revision('x', '{"rev_id": 5}');
--! option rev_id must be text
SELECT migrate_revision('x', '{"format": "yaml"}');
--! format 'yaml': it is 'lua' or 'sql'
SELECT migrate_revision('x', '{"rev_id": "../x"}');
--! '../x' cannot be a revision
SELECT migrate_revision('x', '{"rev_id": "head"}');
--! 'head' cannot be a revision
SELECT migrate_revision('x', '{"head": "nowhere"}');
--! nowhere
SELECT count(*) FROM migrate_history;
--> 0

--- an id that is taken [file]
SELECT migrate_init();
--> 'migrations'
SELECT migrate_revision('First', '{"rev_id": "aaaa"}') IS NOT NULL;
--> 1
SELECT migrate_revision('Second', '{"rev_id": "aaaa"}');
--! aaaa
SELECT count(*) FROM migrate_history;
--> 1

--- a message with quotes, brackets and several lines [file]
SELECT migrate_init();
--> 'migrations'
SELECT migrate_revision('It''s "done"
]] end os.exit() --[[', '{"rev_id": "aaaa"}') IS NOT NULL;
--> 1
SELECT count(*) FROM migrate_history;
--> 1
SELECT migrate_upgrade();
--> 1

--- a message of letters that no file name should have [file]
SELECT migrate_init();
--> 'migrations'
SELECT migrate_revision('../../Łódź / a\b:c*?"<>|', '{"rev_id": "aaaa"}') GLOB 'migrations/versions/??????????????_aaaa*.lua';
--> 1
SELECT instr(path, '..'), length(path) - length(replace(path, '/', '')) FROM migrate_history;
--> 0|1
SELECT message FROM migrate_history;
--> '../../Łódź / a\b:c*?"<>|'

--- a long message makes no long name [file]
SELECT migrate_init();
--> 'migrations'
SELECT length(migrate_revision(replace(hex(zeroblob(500)), '0', 'word '))) < 255;
--> 1
SELECT length(message) > 4000 FROM migrate_history;
--> 1

--- the template is used [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/revision.lua.tmpl', CAST(readfile('migrations/revision.lua.tmpl') AS TEXT) || '
-- House style: ask before you drop
') > 0;
--> 1
SELECT instr(CAST(readfile(migrate_revision('First', '{"rev_id": "aaaa"}')) AS TEXT), 'House style') > 0;
--> 1
SELECT migrate_upgrade();
--> 1

--- a template that loses the message or the id is said, and no file is left [file]
SELECT migrate_init();
--> 'migrations'
SELECT writefile('migrations/revision.lua.tmpl', '-- House style' || char(10) || CAST(readfile('migrations/revision.lua.tmpl') AS TEXT)) > 0;
--> 1
SELECT migrate_revision('First');
--! revision.lua.tmpl
SELECT writefile('migrations/revision.lua.tmpl', '-- ${message}
revision = "always the same"
') > 0;
--> 1
SELECT migrate_revision('First');
--! revision.lua.tmpl
SELECT writefile('migrations/revision.lua.tmpl', '') = 0;
--> 1
SELECT migrate_revision('First');
--! revision.lua.tmpl
SELECT count(*) FROM migrate_history;
--> 0

--- without a template there is one built in [file]
SELECT writefile('migrations/versions/a.sql', '-- revision: aaaa
-- migrate:up
') > 0;
--> 1
SELECT migrate_revision('Second', '{"rev_id": "bbbb"}') IS NOT NULL;
--> 1
SELECT down_revision, message FROM migrate_history WHERE revision = 'bbbb';
--> 'aaaa'|'Second'
SELECT migrate_upgrade();
--> 2

--- without a directory, a new revision says how to make one [file]
SELECT migrate_register('revision = "aaaa" function upgrade() end');
--> 'aaaa'
SELECT migrate_revision('next');
--! migrations: no such directory; make it with SELECT migrate_init()
