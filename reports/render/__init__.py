"""Figures -> charts, texts, pages and PDFs in zh-CN and en."""
