"""What is done with a badge, request by request, whoever carries the requests to it."""
