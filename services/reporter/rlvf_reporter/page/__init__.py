"""Renders report.html, and report.zip, which has the page and all answers as a web site."""
