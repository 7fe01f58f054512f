# Rails' ActiveRecord: migrations in files, and change_column and its like.
require "active_record"
require "fileutils"

CANNOT = 3

def connect(path)
  ActiveRecord::Base.establish_connection(adapter: "sqlite3", database: path)
  ActiveRecord::Migration.verbose = false
  ActiveRecord::Base.connection
end

def took
  wall = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  cpu = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID)
  yield
  puts format("took %.3f %.3f",
              (Process.clock_gettime(Process::CLOCK_MONOTONIC) - wall) * 1000,
              (Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1000)
end

def version(i)
  20260101000000 + i
end

def make(folder, n)
  FileUtils.mkdir_p(folder)
  n.to_i.times do |i|
    File.write("#{folder}/#{version(i)}_add_t#{i}.rb", <<~RUBY)
      class AddT#{i} < ActiveRecord::Migration[6.1]
        def up
          create_table(:t#{i}) do |t|
            t.text :name, null: false
            t.integer :n
          end
          add_index :t#{i}, :name, name: "ix_t#{i}_name"
          execute "INSERT INTO t#{i}(name, n) VALUES ('a', 1)"
        end

        def down
          drop_table :t#{i}
        end
      end
    RUBY
  end
end

def stamp(folder, path)
  connect(path)
  ActiveRecord::SchemaMigration.create_table
  ActiveRecord::InternalMetadata.create_table
  Dir.children(folder).sort.each_slice(1000) do |some|
    ActiveRecord::SchemaMigration.insert_all(some.map { |name| { version: name[/\d+/] } })
  end
end

def upgrade(folder, path)
  connect(path)
  took { ActiveRecord::MigrationContext.new(folder, ActiveRecord::SchemaMigration).migrate }
end

CHANGES = {
  "check" => ->(m) {
    m.change_column_null :item, :name, false
    m.add_check_constraint :item, "qty >= 0 AND qty < 100000", name: "qty_ok"
  },
  "type" => ->(m) { m.change_column :item, :name, :string, limit: 100 },
  "convert" => ->(m) { m.change_column :item, :flag, :text },
  "add" => ->(m) { m.add_column :item, :extra, :integer },
  "drop" => ->(m) { m.remove_column :item, :note },
  "rename" => ->(m) { m.rename_column :item, :note, :remark },
}.freeze

# In a transaction, as db:migrate does it.
def alter(kind, path, foreign_keys, view)
  exit CANNOT unless CHANGES[kind]
  db = connect(path)
  db.execute("PRAGMA foreign_keys = #{foreign_keys}")
  text = db.select_value("SELECT sql FROM sqlite_master WHERE name = 'worth'")
  migration = Class.new(ActiveRecord::Migration[6.1]) do
    define_method(:up) { CHANGES[kind].call(self) }
  end
  took do
    db.transaction do
      db.execute("DROP VIEW worth") if view == "away"
      migration.new.migrate(:up)
      db.execute(text) if view == "away"
    end
  end
end

def check
  puts "Rails' ActiveRecord #{ActiveRecord::VERSION::STRING}, SQLite #{SQLite3::SQLITE_VERSION}"
end

require "sqlite3" if ARGV[0] == "check"
jobs = %w[make stamp upgrade alter check]
exit CANNOT unless jobs.include?(ARGV[0])
send(*ARGV)
