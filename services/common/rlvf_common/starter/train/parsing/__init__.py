"""Problems that read a small format or write one."""
