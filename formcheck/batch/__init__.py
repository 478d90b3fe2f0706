"""Many recordings: each analysed by itself, on the cores of this computer or on the machines of a cluster."""
