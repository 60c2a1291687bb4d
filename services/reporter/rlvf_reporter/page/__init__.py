"""The page: report.html, and the whole report as a small web site."""
