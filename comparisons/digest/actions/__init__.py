"""What changes subscriptions and issues."""
