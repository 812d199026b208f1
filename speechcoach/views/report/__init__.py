"""The report: what it says (Python), how it looks and moves (templates, css, js), and what it borrows (vendor)."""
