"""What an op is: the quantities that it reads and writes, and how it says where a number came from."""
