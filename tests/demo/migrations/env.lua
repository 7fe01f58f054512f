-- Runs before the first revision of every upgrade and downgrade.
args.lock_after = args.lock_after or "5"   -- SELECT migrate_config('arg.lock_after', '3')
