"""SMS at the receiving side: frames come by text messages, and receipts go the same way."""
