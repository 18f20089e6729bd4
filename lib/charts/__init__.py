"""Charts (图): Vega-Lite specifications of the figures the view models hold; shown by pages, drawn into documents."""
