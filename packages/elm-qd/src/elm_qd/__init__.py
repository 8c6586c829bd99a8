"""Quality-diversity archives and algorithms for genotypes of any kind."""
