"""How demo pictures are drawn. Everything below imports Pillow at once: import it where a picture is drawn."""
