// tests/hosts/go.go - Go, with cgo and github.com/mattn/go-sqlite3.
package main

import (
	"database/sql"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/mattn/go-sqlite3"
)

var db *sql.DB

func value(query string) string {
	var v string
	if err := db.QueryRow(query).Scan(&v); err != nil {
		return err.Error()
	}
	return v
}

func main() {
	cancel := true
	pulse := func(told string) bool {
		return cancel && strings.Contains(told, `"copy"`)
	}
	// README
	sql.Register("sqlite3_migrate", &sqlite3.SQLiteDriver{
		Extensions: []string{"migrate"},
		ConnectHook: func(c *sqlite3.SQLiteConn) error { // of each connection
			return c.RegisterFunc("pulse", pulse, false)
		},
	})
	db, _ = sql.Open("sqlite3_migrate", "shop.db")
	db.SetMaxOpenConns(1) // migrate_config() is for one connection
	// end
	if err := db.Ping(); err != nil {
		log.Fatal(err)
	}
	text, _ := os.ReadFile("state.sql")
	state := string(text)

	fmt.Println("loaded:", value("SELECT migrate_version()")[:7])
	fmt.Println("refused:", value("SELECT migrate_upgrade('nosuch')"))
	fmt.Println("failed:", value("SELECT migrate_upgrade()"))
	value("SELECT migrate_config('on_progress', 'pulse')")
	fmt.Println("cancelled:", value("SELECT migrate_upgrade('names')"))
	fmt.Println("as it was:", value(state))
	cancel = false
	fmt.Println("upgraded:", value("SELECT migrate_upgrade('names')"))
	rows, err := db.Query("SELECT revision, status FROM migrate_history")
	if err != nil {
		log.Fatal(err)
	}
	for rows.Next() {
		var revision, status string
		rows.Scan(&revision, &status)
		fmt.Println("history:", revision, status)
	}
	rows.Close()
	fmt.Println("as it is:", value(state))
	fmt.Println("downgraded:", value("SELECT migrate_downgrade('base')"))
	fmt.Println("as it was:", value(state))
	db.Exec("DELETE FROM users WHERE id = 1")
	fmt.Println("gone:", value("SELECT count(*) FROM gone"))
}
