# tests/hosts/perl.pl - Perl's DBD::SQLite.
use strict;
use warnings;
# README
use DBI;
my $db = DBI->connect("dbi:SQLite:shop.db", "", "", {RaiseError => 1, PrintError => 0});
$db->sqlite_enable_load_extension(1);
$db->sqlite_load_extension("migrate");
# end

sub value { ($db->selectrow_array($_[0]))[0] }
sub error { eval { value($_[0]) } // $db->errstr }

my $cancel = 1;
$db->sqlite_create_function("pulse", 1, sub { $cancel && $_[0] =~ /"copy"/ ? 1 : 0 });
open my $file, "<", "state.sql" or die;
my $state = join "", <$file>;

print "loaded: ", substr(value("SELECT migrate_version()"), 0, 7), "\n";
print "refused: ", error("SELECT migrate_upgrade('nosuch')"), "\n";
print "failed: ", error("SELECT migrate_upgrade()"), "\n";
value("SELECT migrate_config('on_progress', 'pulse')");
print "cancelled: ", error("SELECT migrate_upgrade('names')"), "\n";
print "as it was: ", value($state), "\n";
$cancel = 0;
print "upgraded: ", value("SELECT migrate_upgrade('names')"), "\n";
print "history: @$_\n"
  for @{$db->selectall_arrayref("SELECT revision, status FROM migrate_history")};
print "as it is: ", value($state), "\n";
print "downgraded: ", value("SELECT migrate_downgrade('base')"), "\n";
print "as it was: ", value($state), "\n";
$db->do("DELETE FROM users WHERE id = 1");
print "gone: ", value("SELECT count(*) FROM gone"), "\n";
