"""What a workbook is and what a plan is, declared once. See ``sheets_schema.workbook`` for the list of sheets."""
