namespace FerroLB.Lab.Network;

/// <summary>Who sits at a port of a segment.</summary>
public interface IFrameReceiver
{
    /// <summary>A frame arrived at the port. The octets are shared by all receivers: never write into them.</summary>
    void Receive(LanPort port, byte[] frame);
}
