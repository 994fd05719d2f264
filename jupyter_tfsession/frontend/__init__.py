"""What front ends see and do: one protocol, a comm, a sampler, and the widget."""
