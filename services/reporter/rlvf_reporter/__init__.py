"""Turns results into report.json, report.md and one self-contained report.html.

From the request inwards: `service` (gRPC) -> `validation` (what a caller may send) -> `evidence`
(artifacts) -> `assemble` (one `report.Report`) -> `render_json`, `render_markdown`, `render_html`.
"""
