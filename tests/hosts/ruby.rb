# tests/hosts/ruby.rb - Ruby's sqlite3.
# README
require "sqlite3"
db = SQLite3::Database.new("shop.db")
db.enable_load_extension(true)
db.load_extension("migrate")
# end

value = ->(sql) { db.get_first_value(sql) }
error = lambda do |sql|
  value[sql]
rescue SQLite3::Exception => e
  e.message
end

cancel = true
db.create_function("pulse", 1) do |answer, told|
  answer.result = cancel && told.include?('"copy"') ? 1 : 0
end
state = File.read("state.sql")

puts "loaded: #{value["SELECT migrate_version()"][0, 7]}"
puts "refused: #{error["SELECT migrate_upgrade('nosuch')"]}"
puts "failed: #{error["SELECT migrate_upgrade()"]}"
value["SELECT migrate_config('on_progress', 'pulse')"]
puts "cancelled: #{error["SELECT migrate_upgrade('names')"]}"
puts "as it was: #{value[state]}"
cancel = false
puts "upgraded: #{value["SELECT migrate_upgrade('names')"]}"
db.execute("SELECT revision, status FROM migrate_history") { |row| puts "history: #{row.join(" ")}" }
puts "as it is: #{value[state]}"
puts "downgraded: #{value["SELECT migrate_downgrade('base')"]}"
puts "as it was: #{value[state]}"
db.execute("DELETE FROM users WHERE id = 1")
puts "gone: #{value["SELECT count(*) FROM gone"]}"
