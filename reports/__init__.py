"""Report engine: order files -> facts -> figures -> static pages and PDFs; knows no Flask."""
