"""PostgreSQL and Redis of one's own for one machine: no root, no port, no installation, one data folder."""
