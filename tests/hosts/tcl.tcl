# tests/hosts/tcl.tcl - Tcl.
# README
package require sqlite3
sqlite3 db shop.db
db enable_load_extension 1
db eval {SELECT load_extension('migrate')}
# end

proc error_of {sql} {
  catch {db onecolumn $sql} text
  return $text
}

set cancel 1
proc pulse {told} {
  return [expr {$::cancel && [string match {*"copy"*} $told]}]
}
db function pulse pulse
set file [open state.sql]
set state [read $file]

puts "loaded: [string range [db onecolumn {SELECT migrate_version()}] 0 6]"
puts "refused: [error_of {SELECT migrate_upgrade('nosuch')}]"
puts "failed: [error_of {SELECT migrate_upgrade()}]"
db eval {SELECT migrate_config('on_progress', 'pulse')}
puts "cancelled: [error_of {SELECT migrate_upgrade('names')}]"
puts "as it was: [db onecolumn $state]"
set cancel 0
puts "upgraded: [db onecolumn {SELECT migrate_upgrade('names')}]"
db eval {SELECT revision, status FROM migrate_history} {
  puts "history: $revision $status"
}
puts "as it is: [db onecolumn $state]"
puts "downgraded: [db onecolumn {SELECT migrate_downgrade('base')}]"
puts "as it was: [db onecolumn $state]"
db eval {DELETE FROM users WHERE id = 1}
puts "gone: [db onecolumn {SELECT count(*) FROM gone}]"
