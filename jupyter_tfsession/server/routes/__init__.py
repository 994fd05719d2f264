"""The addresses under ``jupyter-tfsession/api/``, each module for one concern."""
