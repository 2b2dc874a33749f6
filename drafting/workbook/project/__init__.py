"""The workbook 项目.xlsx: settings, indicator system and lists; read with cells, written blank or filled."""
