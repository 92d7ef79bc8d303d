"""The examples in `deploy/`, checked as far as a test can."""
