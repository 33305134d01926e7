"""The cloud's computers: instances, fleets, prices and capacity, as EC2's calls show them."""
