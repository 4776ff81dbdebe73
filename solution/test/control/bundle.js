// Stands for the built control in the packer's own tests.
