"""The app in web browsers: a process of it for each visitor, behind one server."""
