-- Add brands, product images, stock movements
revision      = "6efc3153bd83"
down_revision = nil
created       = "2025-10-01 09:00:00"

function upgrade()
  op.create_table("brands",
    "id INTEGER PRIMARY KEY",
    "name TEXT NOT NULL UNIQUE",
    "country TEXT")
  op.create_table("product_images",
    "id INTEGER PRIMARY KEY",
    "product_id INTEGER NOT NULL REFERENCES products(id) ON DELETE CASCADE",
    "url TEXT NOT NULL",
    {name = "position", type = "INTEGER", nullable = false, default = 0})
  op.create_index("ix_product_images_product_id", "product_images", {"product_id", "position"})
  op.create_table("stock_movements",
    "id INTEGER PRIMARY KEY",
    "product_id INTEGER NOT NULL REFERENCES products(id)",
    "quantity INTEGER NOT NULL CHECK (quantity <> 0)",
    "moved_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP")
  op.create_index("ix_stock_movements_product_id", "stock_movements", {"product_id"})
  op.bulk_insert("brands", {
    {name = "Acme", country = "US"},
    {name = "Łódź & Sons", country = "PL"},
    {name = "No Name"},
  })
end

function downgrade()
  op.drop_table("stock_movements")
  op.drop_table("product_images")
  op.drop_table("brands")
end
